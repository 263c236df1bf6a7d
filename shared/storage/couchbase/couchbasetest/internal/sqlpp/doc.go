// Package sqlpp reads the part of SQL++ that the statements of the registry are
// written in, and evaluates it over rows. It knows nothing of a node: what a
// statement is read from is given to it.
package sqlpp
