package main

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// held keeps an answer back, so that layers further out may look at it or change it.
type held struct {
	http.ResponseWriter
	buf  bytes.Buffer
	code int
}

func (h *held) Write(p []byte) (int, error) { return h.buf.Write(p) }
func (h *held) WriteHeader(code int)        { h.code = code }

// rewrites makes a layer that passes the whole answer through change.
func rewrites(change func(c echo.Context, body []byte) ([]byte, error)) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			outer := c.Response().Writer
			h := &held{ResponseWriter: outer, code: http.StatusOK}
			c.Response().Writer = h
			err := next(c)
			c.Response().Writer = outer
			if err != nil {
				return err
			}
			body := h.buf.Bytes()
			if h.code == http.StatusOK {
				if body, err = change(c, body); err != nil {
					return err
				}
			}
			outer.WriteHeader(h.code)
			_, err = outer.Write(body)
			return err
		}
	}
}

// withoutEmpty drops empty members, which the tills' reader does not take.
func withoutEmpty(_ echo.Context, body []byte) ([]byte, error) {
	var doc any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	return json.Marshal(prune(doc))
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if member == nil || member == "" {
				delete(v, key)
			} else {
				v[key] = prune(member)
			}
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
	}
	return v
}

func signs(secret []byte) func(echo.Context, []byte) ([]byte, error) {
	return func(c echo.Context, body []byte) ([]byte, error) {
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		c.Response().Header().Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
		return body, nil
	}
}

func squeezes(c echo.Context, body []byte) ([]byte, error) {
	if !strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		return body, nil
	}
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	z.Write(body)
	if err := z.Close(); err != nil {
		return nil, err
	}
	c.Response().Header().Set("Content-Encoding", "gzip")
	return out.Bytes(), nil
}

func numbered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := uuid.NewString()
		c.Set("log", slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})).With("request", id))
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

func logOf(c echo.Context) *slog.Logger {
	if l, ok := c.Get("log").(*slog.Logger); ok {
		return l
	}
	return slog.Default()
}

func tag(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return fmt.Sprintf("%x", sum[:6])
}
