package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

type Quote struct {
	Carrier string  `json:"carrier"`
	Price   float64 `json:"price"`
}

// Exchange is a client of the freight exchange.
type Exchange struct {
	base   string
	client *http.Client
}

func NewExchange(base string) *Exchange {
	dialer := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}
	transport := &http.Transport{
		DialContext:           dialer.DialContext,
		MaxIdleConns:          20,
		MaxIdleConnsPerHost:   2,
		MaxConnsPerHost:       2,
		IdleConnTimeout:       90 * time.Second,
		ResponseHeaderTimeout: 5 * time.Second,
	}
	return &Exchange{base: base, client: &http.Client{Transport: transport, Timeout: 20 * time.Second}}
}

func (e *Exchange) Quote(ctx context.Context, shipment, kg string) (Quote, error) {
	var q Quote
	if kg == "" {
		kg = "100"
	}
	address := e.base + "/quotes?" + url.Values{"shipment": {shipment}, "kg": {kg}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return q, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := e.client.Do(req)
	if err != nil {
		return q, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return q, fmt.Errorf("exchange answered %s", resp.Status)
	}
	err = json.NewDecoder(resp.Body).Decode(&q)
	return q, err
}
