package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/couchbase/gocb/v2"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// mayPass reports whether what failed may go well when it is tried again.
func mayPass(err error) bool {
	code := monitor.CodeOf(err)
	return code == monitor.Unavailable || code == monitor.Conflict
}

// late is the error of a run whose time is over, with what it was waiting for.
func late(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return monitor.Wrap(monitor.Unavailable, err, "the cluster was not ready in time: run the migration again, it goes on from here")
	}
	return errors.Join(monitor.Wrap(monitor.Unavailable, context.Cause(ctx), "the migration was stopped"), err)
}

// managed turns the error of a call to the cluster's management into one with a
// code. Nil: what was to be made is there, or what was to go is gone.
func (r *run) managed(err error, doing string) error {
	answer, _ := errors.AsType[*gocb.HTTPError](err)
	switch {
	case err == nil, isDone(err):
		return nil
	case errors.Is(err, gocb.ErrAuthenticationFailure):
		return r.refused(err)
	case answer == nil || answer.StatusCode == 0:
		return monitor.Wrap(monitor.Unavailable, reason{err}, "%s: the cluster does not answer", doing)
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		return r.refused(err)
	case http.StatusForbidden:
		return r.forbidden(err, doing)
	case http.StatusBadRequest:
		return monitor.Wrap(monitor.Invalid, reason{err}, "%s: the cluster refuses it", doing)
	default:
		return monitor.Wrap(monitor.Unavailable, reason{err}, "%s: the cluster cannot do it yet", doing)
	}
}

// linked gives an error of the link, which says why by itself, the code that ends
// a run where the cluster refuses the user.
func (r *run) linked(err error) error {
	if !errors.Is(err, gocb.ErrAuthenticationFailure) {
		return err
	}
	if told, ok := errors.AsType[*monitor.Error](err); ok {
		return r.refused(told.Cause)
	}
	return r.refused(err)
}

// asked turns the error of a statement into one with a code, as managed does.
func (r *run) asked(err error, doing string) error {
	answer, _ := errors.AsType[*gocb.QueryError](err)
	switch {
	case err == nil, isDone(err):
		return nil
	case errors.Is(err, gocb.ErrAuthenticationFailure):
		return r.forbidden(err, doing)
	case errors.Is(err, gocb.ErrParsingFailure):
		return monitor.Wrap(monitor.Internal, reason{err}, "%s: the cluster does not understand it", doing)
	case answer == nil || len(answer.Errors) == 0:
		return err
	case strings.Contains(strings.ToLower(said(err)), "enough indexer nodes"):
		return monitor.Wrap(monitor.Invalid, reason{err}, "%s: the cluster has too few nodes with the index service", doing)
	default:
		return monitor.Wrap(monitor.Unavailable, reason{err}, "%s: the cluster cannot do it yet", doing)
	}
}

// isDone reports whether an error says that things are as they were to become.
func isDone(err error) bool {
	return slices.ContainsFunc([]error{
		gocb.ErrBucketExists, gocb.ErrScopeExists, gocb.ErrCollectionExists, gocb.ErrIndexExists, gocb.ErrIndexNotFound,
	}, func(known error) bool { return errors.Is(err, known) })
}

func (r *run) refused(err error) error {
	return monitor.Wrap(monitor.Forbidden, reason{err}, "the cluster refuses the user %q: check MONITOR_COUCHBASE_USER and its password", r.settings.User)
}

func (r *run) forbidden(err error, doing string) error {
	return monitor.Wrap(monitor.Forbidden, reason{err}, "%s: the user %q may not do that", doing, r.settings.User)
}

// reason is an error of the client that shows what the cluster said, and not the
// numbers and statements around it.
type reason struct{ error }

// Error returns the cluster's words.
func (r reason) Error() string { return said(r.error) }

// Unwrap returns the whole error.
func (r reason) Unwrap() error { return r.error }

// said returns what the cluster said, or what kept it from saying anything.
func said(err error) string {
	if answer, ok := errors.AsType[*gocb.QueryError](err); ok && len(answer.Errors) > 0 {
		var all []string
		for _, one := range answer.Errors {
			all = append(all, one.Message)
		}
		return strings.Join(all, "; ")
	}
	if answer, ok := errors.AsType[*gocb.HTTPError](err); ok && answer.ErrorText != "" {
		return fields(answer.ErrorText)
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// fields returns the sentences of an answer that blames fields of a form, or else
// the answer.
func fields(text string) string {
	var answer struct {
		Errors  any    `json:"errors"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return clipped(text)
	}
	switch errors := answer.Errors.(type) {
	case map[string]any:
		var all []string
		for _, field := range slices.Sorted(maps.Keys(errors)) {
			all = append(all, fmt.Sprintf("%s: %v", field, errors[field]))
		}
		return strings.Join(all, "; ")
	case string:
		return errors
	case nil:
		if answer.Message != "" {
			return answer.Message
		}
	}
	return clipped(text)
}

func clipped(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 300 {
		return strings.ToValidUTF8(text[:300], "") + " …"
	}
	return text
}
