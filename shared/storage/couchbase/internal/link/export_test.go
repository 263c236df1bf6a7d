package link

// Admits tells whether n operations may be in flight at once.
func Admits(n int) bool {
	l := newLimit()
	return l.tryEnter(n)
}
