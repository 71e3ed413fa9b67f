package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"sync"
	"time"
)

// signing signs what is sent to the accounting house, and keeps the last one for the auditors.
type signing struct {
	key  []byte
	next http.RoundTripper

	mu   sync.Mutex
	last []byte
	sent time.Time
}

// WithSignature adds signatures to the requests that a client sends.
func WithSignature(client *http.Client, key []byte) *http.Client {
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	client.Transport = &signing{key: key, next: next}
	return client
}

func (s *signing) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		return s.next.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	req.Body.Close()
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, s.key)
	io.WriteString(mac, req.Method+" "+req.URL.Path+"\n")
	mac.Write(body)

	s.mu.Lock()
	s.last, s.sent = body, time.Now()
	s.mu.Unlock()

	signed := req.Clone(req.Context())
	signed.Body = io.NopCloser(bytes.NewReader(body))
	signed.Header.Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
	return s.next.RoundTrip(signed)
}
