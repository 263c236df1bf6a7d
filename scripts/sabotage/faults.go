package main

// faults returns the promises that are taken away, each with the test that
// must notice. CONTRIBUTING.md lists them for people.
func faults() []fault {
	return []fault{}
}
