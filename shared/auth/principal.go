package auth

import "context"

// Principal is who makes a request, and what they may do.
type Principal struct {
	Subject    string
	Auth       Mode
	Role       string
	Namespaces []string // "*" stands for all
}

// Admin is the one role that there is so far: it may do everything.
const Admin = "admin"

type contextKey struct{}

// With returns a context that carries the principal.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From returns the principal of a request, and false where no Gate let it in.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(contextKey{}).(Principal)
	return p, ok
}
