// Package http1 is the client's side of one kept HTTP/1.1 connection (RFC
// 9112), for those who make the same small request over and over and count
// every microsecond.
//
// It reads plain answers and no others. Whatever is rare, such as an answer
// without a length, trailers, folded header lines or an interim answer, is
// ErrUnusual: the answer may be a good one, and a complete client has to ask
// again. What it does accept, net/http reads in the same way.
//
// An exchange allocates nothing while the answer's head fits the buffers.
package http1
