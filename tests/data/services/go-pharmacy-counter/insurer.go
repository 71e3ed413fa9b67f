package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

func newClient(timeout time.Duration) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 24
	return &http.Client{Transport: t, Timeout: timeout}
}

func get(ctx context.Context, client *http.Client, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("%s: %s", req.URL.Path, resp.Status)
	}
	return resp, nil
}

type Member struct {
	Number string `json:"number"`
	Exempt bool   `json:"exempt"`
}

// Members is the insurer's register of people.
type Members struct {
	base   string
	client *http.Client
}

func (m *Members) ByNumber(ctx context.Context, number string) (member Member, err error) {
	resp, err := get(ctx, m.client, m.base+"/members/"+url.PathEscape(number))
	if err != nil {
		return member, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&member)
	return member, err
}

// Cover is the schedule of a plan: the share that a patient bears, by the letter of the item's group.
type Cover struct {
	shares map[byte]float64
	least  int
	most   int
}

func (c Cover) Copay(code string, cents int, exempt bool) int {
	share, ok := c.shares[code[0]]
	if exempt || !ok {
		return 0
	}
	return min(c.most, max(c.least, int(float64(cents)*share)))
}

// Plans reads the schedules, which the insurer sends line by line: group;share
type Plans struct {
	base   string
	client *http.Client
}

func (p *Plans) Cover(ctx context.Context, plan string) (Cover, error) {
	cover := Cover{shares: make(map[byte]float64), least: 50, most: 1000}
	resp, err := get(ctx, p.client, p.base+"/plans/"+url.PathEscape(plan)+"/schedule")
	if err != nil {
		return cover, err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		group, share, ok := strings.Cut(lines.Text(), ";")
		if !ok || len(group) != 1 {
			continue
		}
		if cover.shares[group[0]], err = strconv.ParseFloat(share, 64); err != nil {
			return cover, fmt.Errorf("schedule of %s: %w", plan, err)
		}
	}
	return cover, lines.Err()
}
