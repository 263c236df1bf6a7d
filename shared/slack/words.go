package slack

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// markdown is verbatim: Slack makes no links or mentions of the words in it.
func markdown(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

// link shows the label, or the address itself where there is none.
func link(address, label string) string {
	shown := escape(address, maxURL)
	parsed, err := url.Parse(address)
	if err != nil || strings.HasSuffix(shown, "…") || (parsed.Scheme != "http" && parsed.Scheme != "https") || strings.ContainsAny(address, "| ") {
		return shown
	}
	if label == "" {
		return "<" + shown + ">"
	}
	return "<" + shown + "|" + label + ">"
}

// date is shown in the reader's own time zone, and in UTC where it cannot be.
func date(at monitor.Instant) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time_secs}|%s>", at.Time().Unix(), utc(at))
}

func utc(at monitor.Instant) string { return at.Time().Format("2006-01-02 15:04:05 UTC") }

// brief writes how long a check took: 85 ms, 2.1 s.
func brief(micros int64) string {
	if took := time.Duration(micros) * time.Microsecond; took >= time.Second {
		return fmt.Sprintf("%.1f s", took.Seconds())
	}
	return fmt.Sprintf("%d ms", (micros+500)/1000)
}

// span writes two units at most: 4m 12s, 3h 5m, 2d 1h.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm %ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh %dm", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%dd %dh", int(d.Hours())/24, int(d.Hours())%24)
	}
}
