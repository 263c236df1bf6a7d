package query_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/functions/query"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestRefusedDefinitionsAreTold(t *testing.T) {
	t.Parallel()
	k := newKit(t, nil)
	define(t, k, endpoint("shop", "checkout"))
	k.run(t)
	patient, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(patient, http.MethodGet, k.serve(t)+"/api/v1/live", nil)
	must(t, err)
	stream, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = stream.Body.Close() }()
	lines := bufio.NewScanner(stream.Body)
	refused := query.RefusedDefinitions{Source: "monitor.yaml", Faults: 1, Places: []query.FaultPlace{{File: "monitor.yaml", Line: 3, Column: 9}}}
	for _, want := range []*query.RefusedDefinitions{&refused, nil} {
		k.query.Refuse(want)
		for lines.Scan() && lines.Text() != "event: catalog" {
		}
		must(t, lines.Err())
		if diff := cmp.Diff(want, read[query.Me](t, k, "/api/v1/me").Refused); diff != "" {
			t.Errorf("refused definitions (-want +got):\n%s", diff)
		}
	}
}

func TestAnIncidentNamesWhoIsTold(t *testing.T) {
	t.Parallel()
	e := endpoint("shop", "checkout")
	e.Alert.Channels = []string{"oncall", "hook"}
	opened, resolved := outage(e, time.Minute)
	ask := func(t *testing.T, incident monitor.Incident, told []string, notices []monitor.Notice) []string {
		k := newKit(t, nil)
		must(t, k.store.PutIncident(t.Context(), incident))
		must(t, k.store.SaveNotices(t.Context(), notices))
		if told != nil {
			believe(t, k, monitor.State{Endpoint: "shop/checkout", Health: monitor.Down, Incident: &incident, Told: told})
		}
		return read[query.IncidentDetail](t, k, "/api/v1/incidents/"+incident.ID).Channels
	}
	for name, test := range map[string]struct {
		incident monitor.Incident
		told     []string
		notices  []monitor.Notice
		want     string
	}{
		"before the first notice is there": {opened.Incident, []string{"oncall", "hook"}, nil, "shop/hook shop/oncall"},
		"each once, after that":            {opened.Incident, []string{"oncall", "hook"}, opened.Notices(noon), "shop/hook shop/oncall"},
		"when it is over":                  {resolved.Incident, nil, resolved.Notices(noon), "shop/hook shop/oncall"},
		"and nobody if nobody is":          {opened.Incident, []string{}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(ask(t, test.incident, test.told, test.notices), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
