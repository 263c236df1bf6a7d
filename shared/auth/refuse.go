package auth

import (
	"encoding/json"
	"net/http"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// refuse answers with a problem document (RFC 9457).
func refuse(w http.ResponseWriter, status int, detail string) {
	body, _ := json.Marshal(struct { // plain values always encode
		Type   string       `json:"type"`
		Title  string       `json:"title"`
		Status int          `json:"status"`
		Detail string       `json:"detail"`
		Code   monitor.Code `json:"code"`
	}{"about:blank", http.StatusText(status), status, detail, monitor.Forbidden})
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
