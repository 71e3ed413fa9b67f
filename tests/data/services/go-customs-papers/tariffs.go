package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

type Tariff struct {
	Code    string   `json:"code"`
	Title   string   `json:"title"`
	Percent float64  `json:"percent"`
	Papers  []string `json:"papers"`
}

var errNoTariff = errors.New("no such tariff")

type token struct {
	Access    string        `json:"access_token"`
	Kind      string        `json:"token_type"`
	ExpiresIn time.Duration `json:"expires_in"`

	received time.Time
}

// fresh leaves some room for clocks that differ and for the way to the server.
func (t *token) fresh(now time.Time) bool {
	return t != nil && now.Before(t.received.Add(t.ExpiresIn-t.ExpiresIn/10))
}

// signIn is a RoundTripper that puts the client's bearer token on each request.
type signIn struct {
	next     http.RoundTripper
	endpoint string
	form     url.Values
	current  atomic.Pointer[token]
}

func (s *signIn) RoundTrip(r *http.Request) (*http.Response, error) {
	t, err := s.token(r.Context())
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	signed := r.Clone(r.Context())
	signed.Header.Set("Authorization", t.Kind+" "+t.Access)
	return s.next.RoundTrip(signed)
}

func (s *signIn) token(ctx context.Context) (*token, error) {
	if t := s.current.Load(); t.fresh(time.Now()) {
		return t, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint, strings.NewReader(s.form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered %s", res.Status)
	}
	t := &token{received: time.Now()}
	if err := json.NewDecoder(res.Body).Decode(t); err != nil {
		return nil, err
	}
	s.current.Store(t)
	return t, nil
}

type TariffClient struct {
	base string
	http *http.Client
}

func NewTariffClient(base, id, secret string) *TariffClient {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	return &TariffClient{base: base, http: &http.Client{Timeout: 4 * time.Second, Transport: &signIn{
		next: transport, endpoint: base + "/oauth/token",
		form: url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}},
	}}}
}

// Lookup asks for all codes of a parcel at once.
func (c *TariffClient) Lookup(ctx context.Context, country string, codes []string) (map[string]Tariff, error) {
	target := c.base + "/tariffs/" + url.PathEscape(country) + "?codes=" + url.QueryEscape(strings.Join(codes, ","))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotFound {
		return nil, errNoTariff
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("tariffs: %s", res.Status)
	}
	var list []Tariff
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil {
		return nil, err
	}
	found := make(map[string]Tariff, len(list))
	for _, t := range list {
		found[t.Code] = t
	}
	return found, nil
}
