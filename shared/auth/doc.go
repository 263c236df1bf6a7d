// Package auth says who may call the API: a Gate is opened once at the start
// of a process and stands before everything that holds data.
//
// With mode none everyone is the administrator, so only the machine itself may
// ask: the address must be a loopback address, and the Host header must name
// it, or a web page could reach it by DNS rebinding. With mode token a caller
// shows the token that was made at the first start. Whoever is let in stands
// in the request's context as a Principal; whoever is not gets 401 or 403 as a
// problem document (RFC 9457).
package auth
