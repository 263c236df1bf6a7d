package auth_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/auth"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

func TestToken(t *testing.T) {
	t.Parallel()
	t.Run("the first start makes a token of 32 random bytes", func(t *testing.T) {
		t.Parallel()
		token := open(t, auth.Token, ":1", t.TempDir()).Fresh
		secret, found := strings.CutPrefix(token, "monitor_")
		decoded, err := base64.RawURLEncoding.DecodeString(secret)
		if !found || err != nil || len(decoded) != 32 {
			t.Errorf("got %q (%v), want monitor_ and 32 bytes in base64url", token, err)
		}
		if again := open(t, auth.Token, ":1", t.TempDir()).Fresh; again == token {
			t.Error("got the same token twice, want random ones")
		}
	})
	t.Run("the second start keeps it and shows nothing", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		first, second := open(t, auth.Token, ":1", folder), open(t, auth.Token, ":1", folder)
		if second.Fresh != "" {
			t.Errorf("got token %q shown again, want none", second.Fresh)
		}
		if answer, _ := ask(second.Require, bearer(first.Fresh)); answer.Code != http.StatusOK {
			t.Errorf("got status %d, want 200", answer.Code)
		}
	})
	t.Run("the folder never holds the token, and only its owner may read the hash", func(t *testing.T) {
		t.Parallel()
		folder := filepath.Join(t.TempDir(), "data")
		token := open(t, auth.Token, ":1", folder).Fresh
		path := filepath.Join(folder, auth.TokenFile)
		text, err := os.ReadFile(path)
		if err != nil || strings.Contains(string(text), token) {
			t.Errorf("got %q (%v), want a hash", text, err)
		}
		status, err := os.Stat(path)
		if err != nil || status.Mode() != fs.FileMode(0o600) {
			t.Errorf("got mode %v (%v), want 0600", status.Mode(), err)
		}
	})
	t.Run("processes that start together share one token", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		fresh := make(chan string, 8)
		var starts sync.WaitGroup
		for range cap(fresh) {
			starts.Go(func() {
				gate, err := auth.Open(auth.Token, ":1", folder)
				if err != nil {
					t.Errorf("got %v, want a gate", err)
				}
				if gate.Fresh != "" {
					fresh <- gate.Fresh
				}
			})
		}
		starts.Wait()
		if got := len(fresh); got != 1 {
			t.Errorf("got %d tokens, want 1", got)
		}
		if files, err := os.ReadDir(folder); err != nil || len(files) != 1 {
			t.Errorf("got files %v (%v), want the hash alone", files, err)
		}
	})
}

func TestTokenFileRefused(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("ab", 32)
	tests := map[string]struct {
		text string
		mode fs.FileMode
	}{
		"an empty file":                     {"", 0o600},
		"text that is no hash":              {"secret", 0o600},
		"a hash cut short":                  {hash[:62], 0o600},
		"a hash that the group may write":   {hash, 0o620},
		"a hash that everyone may write to": {hash, 0o602},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := filepath.Join(folder, auth.TokenFile)
			if err := errors.Join(os.WriteFile(path, []byte(test.text), test.mode), os.Chmod(path, test.mode)); err != nil {
				t.Fatal(err)
			}
			gate, err := auth.Open(auth.Token, ":1", folder)
			if !errors.Is(err, monitor.Invalid) {
				t.Fatalf("got %v, want invalid", err)
			}
			if answer, _ := ask(gate.Require, bearer("")); answer.Code != http.StatusUnauthorized {
				t.Errorf("got status %d, want 401", answer.Code)
			}
		})
	}
}
