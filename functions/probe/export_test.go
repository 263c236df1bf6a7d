package probe

import "github.com/api-endpoint-monitor/monitor/functions/probe/look"

// ExtractOf returns what people are shown of an answer whose request was
// filled in with the secrets.
func ExtractOf(answer *look.Answer, values ...string) string { return extract(answer, values) }

// FormsOf returns how a secret may look in an answer.
func FormsOf(value string) []string { return formsOf(value) }
