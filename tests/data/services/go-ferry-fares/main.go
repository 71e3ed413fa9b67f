// Ferry crossings: collects what the lines ask for a crossing and ranks the offers.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	_ "net/http/pprof"
	"net/url"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

type Party struct {
	From    string `query:"from"`
	To      string `query:"to"`
	Day     string `query:"day"`
	Adults  int    `query:"adults"`
	Vehicle string `query:"vehicle"`
}

func (p Party) validate() error {
	if p.From == "" || p.To == "" || p.From == p.To {
		return echo.NewHTTPError(http.StatusBadRequest, "from and to are needed")
	}
	if _, err := time.Parse(time.DateOnly, p.Day); err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, "day is needed")
	}
	return nil
}

type Offer struct {
	Line    string  `json:"line"`
	Ship    string  `json:"ship"`
	Departs string  `json:"departs"`
	Minutes int     `json:"minutes"`
	Fare    float64 `json:"fare"`
	Score   float64 `json:"score"`
}

type outcome struct {
	line   string
	offers []Offer
	err    error
}

// Agent speaks with the reservation systems of the lines.
type Agent struct {
	base   string
	client *http.Client
	lines  []string
	routes map[string][]string
}

func NewAgent(base string) *Agent {
	return &Agent{
		base: base,
		client: &http.Client{
			Timeout:   3 * time.Second,
			Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
		},
		lines: []string{"nordia", "baltlink", "seaway", "arkona", "polaris", "viken", "tern"},
		routes: map[string][]string{
			"rostock": {"trelleborg", "gedser", "helsinki"},
			"kiel":    {"oslo", "klaipeda"},
		},
	}
}

func (a *Agent) serves(from, to string) bool {
	for _, port := range a.routes[from] {
		if port == to {
			return true
		}
	}
	return false
}

// request asks one line; the outcome arrives on the channel.
func (a *Agent) request(ctx context.Context, line string, p Party) <-chan outcome {
	ch := make(chan outcome, 1)
	go func() {
		offers, err := a.fetch(ctx, line, p)
		ch <- outcome{line, offers, err}
	}()
	return ch
}

func (a *Agent) fetch(ctx context.Context, line string, p Party) ([]Offer, error) {
	q := url.Values{"from": {p.From}, "to": {p.To}, "day": {p.Day}, "vehicle": {p.Vehicle}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+"/"+line+"/availability?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", line, resp.Status)
	}
	var offers []Offer
	if err := json.NewDecoder(resp.Body).Decode(&offers); err != nil {
		return nil, err
	}
	for i := range offers {
		offers[i].Line = line
		offers[i].Fare *= float64(max(1, p.Adults))
	}
	return offers, nil
}

// Offers of all lines; a line that fails is left out and named.
func (a *Agent) Offers(ctx context.Context, p Party) (offers []Offer, silent []string) {
	for _, line := range a.lines {
		select {
		case got := <-a.request(ctx, line, p):
			if got.err != nil {
				silent = append(silent, got.line)
				continue
			}
			offers = append(offers, got.offers...)
		case <-time.After(900 * time.Millisecond):
			silent = append(silent, line)
		}
	}
	return offers, silent
}

func rank(offers []Offer) []Offer {
	for i, o := range offers {
		score := o.Fare + float64(o.Minutes)*0.12
		if strings.HasPrefix(o.Departs, "0") && o.Departs < "06:00" {
			score += 25
		}
		offers[i].Score = score
	}
	sort.Slice(offers, func(i, j int) bool { return offers[i].Score < offers[j].Score })
	return offers
}

func crossings(a *Agent) echo.HandlerFunc {
	return func(c echo.Context) error {
		var p Party
		if err := c.Bind(&p); err != nil {
			return err
		}
		if err := p.validate(); err != nil {
			return err
		}
		if !a.serves(p.From, p.To) {
			return echo.NewHTTPError(http.StatusNotFound, "no such route")
		}
		offers, silent := a.Offers(c.Request().Context(), p)
		return c.JSON(http.StatusOK, map[string]any{"route": p.From + "-" + p.To, "offers": rank(offers), "silent": silent})
	}
}

func ports(a *Agent) echo.HandlerFunc {
	return func(c echo.Context) error { return c.JSON(http.StatusOK, a.routes) }
}

func main() {
	agent := NewAgent("http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"))
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover(), middleware.RequestID(), middleware.BodyLimit("64K"))
	e.GET("/health", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	e.GET("/ports", ports(agent))
	e.GET("/crossings", crossings(agent))
	e.GET("/debug/pprof/*", echo.WrapHandler(http.DefaultServeMux))
	e.Logger.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
