package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"
)

// Station sends what the scales say to the research station.
type Station struct {
	url   string
	http  *http.Client
	yards *Yards
}

func NewStation(url string, yards *Yards) *Station {
	return &Station{url: url, http: &http.Client{Timeout: 2 * time.Second}, yards: yards}
}

func (s *Station) Run(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := s.sync(ctx); err != nil {
				log.Printf("research station: %v", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *Station) sync(ctx context.Context) error {
	for yard, newest := range s.yards.Each() {
		if err := s.send(ctx, yard, newest); err != nil {
			return fmt.Errorf("%s: %w", yard, err)
		}
	}
	return nil
}

func (s *Station) send(ctx context.Context, yard string, newest map[int]Sample) error {
	body, err := json.Marshal(map[string]any{"yard": yard, "samples": newest})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/samples", bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	if res.StatusCode >= 300 {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}
