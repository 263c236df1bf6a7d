// Package codec writes windows and packs as compact bytes.
//
// Rows are turned into columns of integers: text becomes its place in a
// dictionary, times become differences. A column is written as one value, as
// runs, as differences or plainly, whichever is shortest. The same rows always
// give the same bytes.
//
//	blob   = version, CRC-32C of body (4 bytes, little endian), body
//	body   = rows, words, columns
//	words  = count, then length and text of each
//	column = form, values
//
// A window is of version 1, or of version 2, where one more column of words
// holds the extracts of its rows, if there are any.
//
// All numbers are varints, signed ones in zigzag form. A version is never
// changed; a new form of rows gets a new version, and old ones stay readable.
package codec
