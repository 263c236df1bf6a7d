package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/api-endpoint-monitor/monitor/scripts/rig"
)

// row is a stored result, as the API shows it.
type row struct {
	Due     time.Time `json:"due"`
	Start   time.Time `json:"start"`
	Kind    string    `json:"kind"`
	Outcome string    `json:"outcome"`
	Status  int       `json:"status"`
}

type figures struct {
	Passed   int `json:"passed"`
	Degraded int `json:"degraded"`
	Failed   int `json:"failed"`
	Unknown  int `json:"unknown"`
}

func (f figures) sum() int { return f.Passed + f.Degraded + f.Failed + f.Unknown }

type incident struct {
	ID       string    `json:"id"`
	Endpoint string    `json:"endpoint"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended"`
	Open     bool      `json:"open"`
}

type notice struct {
	Change   string    `json:"change"`
	Channel  string    `json:"channel"`
	Created  time.Time `json:"created"`
	Attempts int       `json:"attempts"`
	Sent     time.Time `json:"sent"` // when the last attempt began
	Accepted time.Time `json:"accepted"`
}

// api reads what the monitor says it has.
type api struct{ base string }

func (a api) get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// list reads every page of a list.
func list[T any](ctx context.Context, a api, path string, query url.Values) ([]T, error) {
	var all []T
	for {
		var page struct {
			Items []T    `json:"items"`
			Next  string `json:"next"`
		}
		if err := a.get(ctx, path+"?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all, nil
		}
		query.Set("cursor", page.Next)
	}
}

func (a api) results(ctx context.Context, endpoint string, from, to time.Time) ([]row, error) {
	return list[row](ctx, a, "/api/v1/endpoints/"+endpoint+"/results", url.Values{
		"from": {millis(from)}, "to": {millis(to)}, "limit": {"1000"},
	})
}

// newest returns the endpoint's last results.
func (a api) newest(ctx context.Context, endpoint string, limit int) ([]row, error) {
	var page struct {
		Items []row `json:"items"`
	}
	err := a.get(ctx, "/api/v1/endpoints/"+endpoint+"/results?limit="+strconv.Itoa(limit), &page)
	return page.Items, err
}

// counted returns how many scheduled checks the rollups count.
func (a api) counted(ctx context.Context, endpoint string, from, to time.Time) (int, error) {
	if !from.Before(to) {
		return 0, nil
	}
	var series struct {
		Summary figures `json:"summary"`
	}
	err := a.get(ctx, "/api/v1/endpoints/"+endpoint+"/series?from="+millis(from)+"&to="+millis(to), &series)
	return series.Summary.sum(), err
}

func (a api) incidents(ctx context.Context) ([]incident, error) {
	return list[incident](ctx, a, "/api/v1/incidents", url.Values{"limit": {"1000"}})
}

func (a api) notices(ctx context.Context, incident string) ([]notice, error) {
	return list[notice](ctx, a, "/api/v1/incidents/"+incident+"/notices", url.Values{})
}

// metric returns the value of one of the process's own figures.
func (a api) metric(ctx context.Context, name string) (float64, error) {
	return rig.Metric(ctx, a.base, name)
}

func millis(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
