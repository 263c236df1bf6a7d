package topology

import (
	"regexp"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"
)

// attributeName is what the CloudEvents specification allows as a name.
var attributeName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// attribute returns an attribute of the event as text, and whether it is set.
func attribute(e *cloudevents.Event, name string) (string, bool) {
	switch name {
	case "specversion":
		return e.SpecVersion(), true
	case "type":
		return set(e.Type())
	case "source":
		return set(e.Source())
	case "id":
		return set(e.ID())
	case "subject":
		return set(e.Subject())
	case "datacontenttype":
		return set(e.DataContentType())
	case "dataschema":
		return set(e.DataSchema())
	case "time":
		if e.Time().IsZero() {
			return "", false
		}
		return types.FormatTime(e.Time()), true
	}
	value, ok := e.Extensions()[name]
	if !ok {
		return "", false
	}
	text, err := types.Format(value)
	return text, err == nil
}

func set(value string) (string, bool) { return value, value != "" }
