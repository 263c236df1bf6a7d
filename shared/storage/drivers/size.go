package drivers

import (
	"math"
	"strconv"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// Size is a number of bytes that people write: "500MB", "10 GB", "1.5TB" in
// steps of 1000, "512MiB" in steps of 1024, or bytes without a unit.
type Size int64

var units = []struct {
	name  string
	bytes float64
}{
	{"TIB", 1 << 40},
	{"GIB", 1 << 30},
	{"MIB", 1 << 20},
	{"KIB", 1 << 10},
	{"TB", 1e12},
	{"GB", 1e9},
	{"MB", 1e6},
	{"KB", 1e3},
	{"B", 1},
}

// String returns the size in the largest unit that divides it.
func (s Size) String() string {
	for _, unit := range units[4:] {
		if step := int64(unit.bytes); s != 0 && int64(s)%step == 0 {
			return strconv.FormatInt(int64(s)/step, 10) + unit.name
		}
	}
	return "0B"
}

// MarshalText writes String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a size. Other text is Invalid.
func (s *Size) UnmarshalText(text []byte) error {
	number, step := strings.ToUpper(strings.TrimSpace(string(text))), 1.0
	for _, unit := range units {
		if rest, found := strings.CutSuffix(number, unit.name); found {
			number, step = strings.TrimSpace(rest), unit.bytes
			break
		}
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !(value >= 0 && value*step < math.MaxInt64) {
		return monitor.Errorf(monitor.Invalid, "%q is no size: write for example 500MB, 10GB or 2TiB", text)
	}
	*s = Size(math.Round(value * step))
	return nil
}
