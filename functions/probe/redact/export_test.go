package redact

// FormsOf returns how a secret may look in an answer.
func FormsOf(value string) []string { return formsOf(value) }
