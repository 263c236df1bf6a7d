package query

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/auth"
)

func (q *Query) getMe(ctx context.Context, _ *nothing) (*answer[Me], error) {
	who, _ := auth.From(ctx)
	return answerWith(Me{Subject: who.Subject, Auth: string(who.Auth), Role: who.Role, Namespaces: who.Namespaces})
}
