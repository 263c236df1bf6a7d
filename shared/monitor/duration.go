package monitor

import (
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration that people write: "10s", "1m30s", "500ms",
// and, beyond what the standard library reads, whole days: "14d".
// In JSON and YAML it is such a string.
type Duration time.Duration

const (
	day     = 24 * time.Hour
	maxDays = int64(1<<63-1) / int64(day)
)

// D returns the duration as the standard library's type.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String returns the shortest form that ParseDuration reads back.
func (d Duration) String() string {
	if d != 0 && time.Duration(d)%day == 0 {
		return strconv.FormatInt(int64(time.Duration(d)/day), 10) + "d"
	}
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// ParseDuration reads what Duration.String writes and what time.ParseDuration
// reads. Other text is Invalid.
func ParseDuration(text string) (Duration, error) {
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.ParseInt(days, 10, 64)
		if err != nil || n > maxDays || n < -maxDays {
			return 0, Errorf(Invalid, "%q is no duration: write for example 500ms, 10s, 1m30s or 14d", text)
		}
		return Duration(time.Duration(n) * day), nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, Errorf(Invalid, "%q is no duration: write for example 500ms, 10s, 1m30s or 14d", text)
	}
	return Duration(d), nil
}

// MarshalText writes String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
