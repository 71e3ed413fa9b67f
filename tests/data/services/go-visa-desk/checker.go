package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

type Verdict struct {
	Score  float64  `json:"score"`
	Faults []string `json:"faults"`
}

type checkJob struct {
	ctx  context.Context
	app  application
	done chan checkResult
}

type checkResult struct {
	verdict *Verdict
	err     error
}

// Checker has photos checked by a number of workers.
type Checker struct {
	base   string
	client *http.Client
	jobs   chan checkJob
}

func NewChecker(base string, workers int) *Checker {
	c := &Checker{
		base: base,
		client: &http.Client{
			Timeout:   15 * time.Second,
			Transport: &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute},
		},
		jobs: make(chan checkJob, 100),
	}
	for i := 0; i < workers; i++ {
		go c.worker()
	}
	return c
}

func (c *Checker) worker() {
	for job := range c.jobs {
		if job.ctx.Err() != nil {
			job.done <- checkResult{err: job.ctx.Err()}
			continue
		}
		v, err := c.inspect(job.ctx, job.app)
		job.done <- checkResult{v, err}
	}
}

// Check queues the photo and waits for the verdict.
func (c *Checker) Check(ctx context.Context, app application) (*Verdict, error) {
	job := checkJob{ctx: ctx, app: app, done: make(chan checkResult, 1)}
	select {
	case c.jobs <- job:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case res := <-job.done:
		return res.verdict, res.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Checker) inspect(ctx context.Context, app application) (*Verdict, error) {
	body, _ := json.Marshal(map[string]string{"photo": app.Photo, "country": app.Country})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/inspect", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("imaging service: %s", res.Status)
	}
	var v Verdict
	return &v, json.NewDecoder(res.Body).Decode(&v)
}
