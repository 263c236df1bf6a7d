//go:build race

package standalone_test

const raceEnabled = true
