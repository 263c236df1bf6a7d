package main

import (
	"bytes"
	"net"
	"strconv"
)

// The request and the answer of one check, as short as real ones get.
const (
	answerOK  = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n" + `{"status":"ok","n":1}`
	answer500 = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + `{"status":"no"}`
	pathStart = "/e/"
)

var endOfHead = []byte("\r\n\r\n")

// numberIn returns the endpoint that a request is for.
func numberIn(head []byte) (int, bool) {
	_, rest, found := bytes.Cut(head, []byte(pathStart))
	if !found {
		return 0, false
	}
	number, digits := 0, 0
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		number, digits = number*10+int(c-'0'), digits+1
	}
	return number, digits > 0 && digits < 9
}

// readHead reads up to the end of one head into the buffer, and returns it.
// Neither side of the bench sends anything before it has its answer.
func readHead(conn net.Conn, buffer []byte) ([]byte, error) {
	filled := 0
	for filled < len(buffer) {
		n, err := conn.Read(buffer[filled:])
		filled += n
		if bytes.Contains(buffer[:filled], endOfHead) {
			return buffer[:filled], nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, errLongHead
}

// requestOf returns the bytes of a check of the endpoint at an address.
func requestOf(endpoint int, addr string) []byte {
	return []byte("GET " + pathStart + strconv.Itoa(endpoint) + " HTTP/1.1\r\nHost: " + addr + "\r\nUser-Agent: reference/1\r\n\r\n")
}
