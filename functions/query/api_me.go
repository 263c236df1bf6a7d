package query

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/auth"
)

func (q *Query) getMe(ctx context.Context, _ *nothing) (*answer[Me], error) {
	who, _ := auth.From(ctx)
	return answerWith(Me{
		Subject: who.Subject, Auth: string(who.Auth), Role: who.Role, Namespaces: who.Namespaces,
		Refused: q.refused.Load(), Stale: q.staleSince(),
	})
}

// Refuse has people told that definitions were refused, or, given nil, that
// the newest ones are in force. Live clients ask again at once.
func (q *Query) Refuse(definitions *RefusedDefinitions) {
	if before := q.refused.Swap(definitions); before != nil || definitions != nil {
		q.memory.recatalog()
	}
}
