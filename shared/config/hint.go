package config

import (
	"fmt"
	"slices"
	"strings"
)

// elsewhere says where a key belongs that people write beside the endpoint's
// own ones.
var elsewhere = map[string]string{
	"url": "http", "method": "http", "headers": "http", "body": "http", "redirects": "http",
	"proxy": "http", "tls": "http", "address": "http", "ca": "tls", "key": "tls", "server_name": "tls",
	"status": "expect", "latency": "expect", "json": "expect", "certificate": "expect", "cel": "expect",
	"after": "alert", "recover": "alert", "for": "alert", "confirm": "alert", "channels": "alert",
}

// hintFor says what to write in place of an unknown key.
func hintFor(key string, known []string) string {
	if key == "depends_on" {
		return "endpoints cannot depend on each other in this version: leave it out"
	}
	if key == "<<" {
		return "merge keys are not supported: write the keys out, or use defaults"
	}
	if near := nearest(key, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if parent := elsewhere[key]; slices.Contains(known, parent) {
		return "it belongs under " + parent
	}
	return "known here: " + strings.Join(known, ", ")
}

// nearest returns the known word that is within two edits and less than half
// the word away; "" if there is none.
func nearest(word string, known []string) string {
	best, least := "", min(3, len(word)/2+1)
	if len(word) > 40 {
		return ""
	}
	for _, candidate := range known {
		if d := distance(strings.ToLower(word), candidate); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace (Levenshtein, 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// clip bounds a word of the file that is repeated in a message.
func clip(word string) string {
	letters := []rune(word)
	if len(letters) <= 60 {
		return word
	}
	return string(letters[:59]) + "…"
}
