package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Journal hands lines to the archive office, which numbers and keeps them.
type Journal struct {
	addr string
	conn net.Conn
	in   *bufio.Reader
	last atomic.Int64
}

func (j *Journal) connect() error {
	conn, err := net.DialTimeout("tcp", j.addr, 2*time.Second)
	if err != nil {
		return err
	}
	j.conn, j.in = conn, bufio.NewReader(conn)
	return nil
}

// Write passes one line on and returns when the office has it.
func (j *Journal) Write(line []byte) (int, error) {
	if j.conn == nil {
		if err := j.connect(); err != nil {
			return 0, err
		}
	}
	j.conn.SetDeadline(time.Now().Add(3 * time.Second))
	n, err := j.conn.Write(line)
	if err != nil {
		j.drop()
		return n, err
	}
	answer, err := j.in.ReadString('\n')
	if err != nil {
		j.drop()
		return n, err
	}
	number, err := strconv.ParseInt(strings.TrimSpace(answer), 10, 64)
	if err != nil {
		return n, fmt.Errorf("journal answered %q", answer)
	}
	j.last.Store(number)
	return n, nil
}

func (j *Journal) drop() {
	j.conn.Close()
	j.conn = nil
}

type ctxKey struct{}

// trail is what the records of a request have in common.
type trail struct {
	Request string
	Desk    string
}

type withTrail struct{ slog.Handler }

func (h withTrail) Handle(ctx context.Context, rec slog.Record) error {
	if t, ok := ctx.Value(ctxKey{}).(trail); ok {
		rec.AddAttrs(slog.String("request", t.Request), slog.String("desk", t.Desk))
	}
	return h.Handler.Handle(ctx, rec)
}

func (h withTrail) WithAttrs(attrs []slog.Attr) slog.Handler { return withTrail{h.Handler.WithAttrs(attrs)} }
func (h withTrail) WithGroup(name string) slog.Handler       { return withTrail{h.Handler.WithGroup(name)} }

func newAudit(j *Journal) *slog.Logger {
	return slog.New(withTrail{slog.NewJSONHandler(j, &slog.HandlerOptions{Level: slog.LevelInfo})})
}

var requests atomic.Int64

func trailed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		desk := r.Header.Get("X-Desk")
		if desk == "" {
			desk = "front"
		}
		t := trail{Request: fmt.Sprintf("r%07d", requests.Add(1)), Desk: desk}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), ctxKey{}, t)))
	})
}
