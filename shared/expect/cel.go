package expect

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// The bounds of one expression: its length in bytes and the cost of one
// evaluation in CEL's units (about one for each step, and for each ten bytes
// of text that a function reads).
const (
	MaxExpression = 4 << 10
	maxCost       = 1_000_000
)

// environment is what every expression is compiled in; it is costly to make.
//
//nolint:gochecknoglobals // a table that is made once
var environment = sync.OnceValues(func() (*cel.Env, error) {
	env, err := cel.NewEnv(
		cel.Variable("status", cel.IntType),
		cel.Variable("headers", cel.MapType(cel.StringType, cel.ListType(cel.StringType))),
		cel.Variable("body", cel.StringType),
		cel.Variable("json", cel.DynType),
		cel.Variable("latency", cel.DurationType),
		cel.Variable("certificate", cel.DurationType),
		cel.CrossTypeNumericComparisons(true),
		cel.ParserRecursionLimit(100),
		cel.ParserExpressionSizeLimit(MaxExpression),
		cel.ASTValidators(
			cel.ValidateDurationLiterals(),
			cel.ValidateRegexLiterals(),
			cel.ValidateComprehensionNestingLimit(2),
		),
	)
	if err == nil { // what it says of faults is made with the first, which must not be while others compile
		_, _ = env.Compile("unknown")
	}
	return env, err
})

// compileCEL returns the program, and the names that it speaks of.
func compileCEL(expression string) (program cel.Program, named map[string]bool, err error) {
	if len(expression) > MaxExpression {
		return nil, nil, monitor.FieldErrorf("cel", "must be at most %d bytes, got %d", MaxExpression, len(expression))
	}
	env, err := environment()
	if err != nil {
		return nil, nil, monitor.Wrap(monitor.Internal, err, "cannot prepare expressions")
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, nil, monitor.FieldErrorf("cel", "does not compile: %s", firstLine(issues))
	}
	if !ast.OutputType().IsExactType(cel.BoolType) {
		return nil, nil, monitor.FieldErrorf("cel",
			"must be true or false, but is of type %s: compare it with something", ast.OutputType())
	}
	program, err = env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		return nil, nil, monitor.FieldErrorf("cel", "does not compile: %v", err)
	}
	named = map[string]bool{}
	for _, reference := range ast.NativeRep().ReferenceMap() {
		named[reference.Name] = true
	}
	return program, named, nil
}

// firstLine returns the first fault with its place, without the drawing of it.
func firstLine(issues *cel.Issues) string {
	faults := issues.Errors()
	if len(faults) == 0 {
		return shorten(issues.Err().Error())
	}
	slices.SortStableFunc(faults, func(a, b *cel.Error) int { return a.Location.Column() - b.Location.Column() })
	return shorten(faults[0].Message)
}

func (x *Expectation) judgeCEL(e *evaluation) {
	if x.program == nil {
		return
	}
	value, _, err := x.program.Eval(&activation{e})
	switch {
	case err != nil:
		e.fail("cel", x.expression, celFault(err))
	case value != types.True:
		e.fail("cel", x.expression, "false")
	}
}

func celFault(err error) string {
	text := err.Error()
	if strings.Contains(text, "cost limit exceeded") {
		return "the expression takes too many steps for this answer: simplify it"
	}
	return text
}

// activation gives an expression its variables when it asks for them.
type activation struct{ e *evaluation }

// Parent implements cel.Activation.
func (a *activation) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	answer := a.e.answer
	switch name {
	case "status":
		return types.Int(answer.Status), true
	case "headers":
		return lowerCase(answer.Headers), true
	case "body":
		return types.String(strings.ToValidUTF8(string(answer.Body), "�")), true
	case "latency":
		return types.Duration{Duration: answer.Latency}, true
	case "json":
		document, err := a.e.json()
		if err != nil {
			return types.WrapErr(err), true
		}
		if document == nil {
			return types.NullValue, true
		}
		return document, true
	case "certificate":
		if answer.Certificate == 0 {
			return types.WrapErr(errors.New("there is no certificate: the answer came without TLS")), true
		}
		return types.Duration{Duration: answer.Certificate.Sub(answer.Now)}, true
	default:
		return nil, false
	}
}

func lowerCase(headers http.Header) map[string][]string {
	out := make(map[string][]string, len(headers))
	for name, values := range headers {
		name = strings.ToLower(name)
		out[name] = append(out[name], values...)
	}
	return out
}
