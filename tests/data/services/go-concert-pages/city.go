package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// City is the town's open information service.
type City struct {
	base string
	http *http.Client
}

func NewCity(port string) *City {
	return &City{base: "http://127.0.0.1:" + port, http: &http.Client{
		Timeout:   2 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 128, MaxIdleConns: 128},
	}}
}

func (c *City) get(ctx context.Context, path string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// Ask tells in a sentence how things stand with a topic.
func (c *City) Ask(ctx context.Context, topic, event string) (text string, err error) {
	err = c.get(ctx, "/"+topic+"?event="+event, &text)
	return text, err
}

func (c *City) Taken(ctx context.Context, event string, seats int) (map[int]bool, error) {
	var sold []int
	if err := c.get(ctx, fmt.Sprintf("/sold/%s?of=%d", event, seats), &sold); err != nil {
		return nil, err
	}
	taken := make(map[int]bool, len(sold))
	for _, n := range sold {
		taken[n] = true
	}
	return taken, nil
}
