package query

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage"
)

func (q *Query) listIncidents(ctx context.Context, in *incidentsInput) (*answer[IncidentList], error) {
	wanted, err := incidentFilter(in)
	if err != nil {
		return nil, err
	}
	wanted.Limit = in.Limit + 1
	var list IncidentList
	found, err := q.incidents.Incidents(ctx, wanted)
	if unanswered(err) && in.Open {
		found, list.Stale = q.memory.openIncidents(&wanted)
		err = nil
	}
	if err != nil {
		return nil, err
	}
	list.Items = make([]IncidentView, 0, len(found))
	for i := range found[:min(len(found), in.Limit)] {
		list.Items = append(list.Items, q.viewIncident(&found[i]))
	}
	if len(found) > in.Limit {
		last := &found[in.Limit-1]
		list.Next = cursorOf(strconv.FormatInt(int64(last.Started), 10), last.ID)
	}
	return answerWith(list)
}

func incidentFilter(in *incidentsInput) (storage.IncidentFilter, error) {
	wanted := storage.IncidentFilter{Endpoint: in.Endpoint, Open: in.Open}
	if in.Namespace != "" {
		wanted.Namespaces = []string{in.Namespace}
	}
	var err error
	if wanted.From, err = instantOf("from", in.From, 0); err != nil {
		return wanted, err
	}
	if wanted.To, err = instantOf("to", in.To, 0); err != nil {
		return wanted, err
	}
	parts, err := partsOf(in.Cursor, 2)
	if err != nil || parts == nil {
		return wanted, err
	}
	started, ok := wholeNumber(parts[0])
	if !ok {
		return wanted, badCursor()
	}
	wanted.After = storage.IncidentCursor{Started: monitor.Instant(started), ID: parts[1]}
	return wanted, nil
}

func (q *Query) getIncident(ctx context.Context, in *incidentInput) (*answer[IncidentDetail], error) {
	found, err := q.readIncident(ctx, in.ID)
	if known, since := q.memory.openIncident(in.ID); known != nil && unanswered(err) {
		return answerWith(IncidentDetail{
			IncidentView: q.viewIncident(&known.incident), Ledger: ledgerOf(&known.incident, nil), Channels: known.channels(), Stale: since,
		})
	}
	if err != nil {
		return nil, err
	}
	return answerWith(*found)
}

func (q *Query) readIncident(ctx context.Context, id string) (*IncidentDetail, error) {
	found, err := q.incidents.Incident(ctx, id)
	if err != nil {
		return nil, err
	}
	notices, err := q.notices.NoticesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	channels, err := q.channelsOf(ctx, &found, notices)
	if err != nil {
		return nil, err
	}
	return &IncidentDetail{
		IncidentView: q.viewIncident(&found), Ledger: ledgerOf(&found, notices), Channels: channels,
	}, nil
}

// channelsOf returns who is told of an incident, by name: those who have
// notices of it, and while it is open those whose notices are still to come.
func (q *Query) channelsOf(ctx context.Context, incident *monitor.Incident, notices []monitor.Notice) ([]string, error) {
	channels := make([]string, 0, len(notices))
	for i := range notices {
		channels = append(channels, notices[i].Channel)
	}
	if incident.Ended == 0 {
		known, err := q.states.ShardState(ctx, monitor.ShardOf(incident.Endpoint, len(q.memory.shards)))
		if err != nil {
			return nil, err
		}
		if state := known.States[incident.Endpoint]; state.Incident != nil && state.Incident.ID == incident.ID {
			for _, name := range state.Told {
				channels = append(channels, incident.Namespace+"/"+name)
			}
		}
	}
	slices.Sort(channels)
	return slices.Compact(channels), nil
}

func (q *Query) listNotices(ctx context.Context, in *incidentInput) (*answer[NoticeList], error) {
	if _, err := q.incidents.Incident(ctx, in.ID); err != nil {
		return nil, err
	}
	found, err := q.notices.NoticesOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	list := NoticeList{Items: make([]NoticeView, len(found))}
	for i := range found {
		list.Items[i] = viewNotice(&found[i])
	}
	return answerWith(list)
}

func (q *Query) viewIncident(incident *monitor.Incident) IncidentView {
	end := cmp.Or(incident.Ended, monitor.At(q.clock()))
	view := IncidentView{
		ID: incident.ID, Namespace: incident.Namespace, Endpoint: incident.Endpoint, Name: incident.Name,
		Started: Moment(incident.Started), Ended: Moment(incident.Ended), Open: incident.Ended == 0,
		Seconds: max(end.Sub(incident.Started).Seconds(), 0), Reason: incident.Reason, Fault: incident.Fault,
		Sequence: incident.Sequence, Timeline: make([]TransitionView, len(incident.Timeline)),
	}
	for i, t := range incident.Timeline {
		view.Timeline[i] = TransitionView{
			From: t.From, To: t.To, At: Moment(t.At), Decided: Moment(t.Decided),
			Reason: t.Reason, Fault: t.Fault, Evidence: t.Evidence,
		}
	}
	return view
}

func viewNotice(n *monitor.Notice) NoticeView {
	view := NoticeView{
		Sequence: n.Sequence, Change: n.Change.Change, Channel: n.Channel, Created: Moment(n.Created),
		Attempts: n.Attempts, Sent: Moment(n.Sent), Accepted: Moment(n.Accepted), Receipt: n.Receipt,
		GivenUp: Moment(n.GivenUp), Error: n.Error,
	}
	if n.Pending() {
		view.NextTry = Moment(n.NextTry)
	}
	return view
}

// ledgerOf follows an incident's opening from its first failing check to the
// first channel that took word of it.
func ledgerOf(incident *monitor.Incident, notices []monitor.Notice) Ledger {
	ledger := Ledger{FirstFailure: Moment(incident.Started)}
	if len(incident.Timeline) > 0 {
		ledger.Decided = Moment(incident.Timeline[0].Decided)
	}
	for i := range notices {
		n := &notices[i]
		if n.Change.Change != monitor.Opened {
			continue
		}
		if n.Change.Decided != 0 {
			ledger.Decided = Moment(n.Change.Decided)
		}
		ledger.Sent = earlier(ledger.Sent, Moment(n.Sent))
		ledger.Accepted = earlier(ledger.Accepted, Moment(n.Accepted))
	}
	return ledger
}

func earlier(a, b Moment) Moment {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
