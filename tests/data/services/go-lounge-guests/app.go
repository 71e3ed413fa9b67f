// Airport lounge: who of a flight may come in, and how full the lounge will be.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

type Passenger struct {
	Name   string `json:"name"`
	Seat   string `json:"seat"`
	Cabin  string `json:"cabin"`
	Status string `json:"status"`
	Infant bool   `json:"infant"`
}

type Guest struct {
	Name   string `json:"name"`
	Seat   string `json:"seat"`
	Why    string `json:"why"`
	Guests int    `json:"may_bring"`
}

var errNoFlight = errors.New("no such flight")

// Departures talks to the airline's departure control.
type Departures struct {
	base   string
	client *http.Client
}

func (d *Departures) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/x-ndjson")
	resp, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return resp, nil
	case http.StatusNotFound:
		err = errNoFlight
	default:
		err = fmt.Errorf("departure control: %s", resp.Status)
	}
	resp.Body.Close()
	return nil, err
}

// Manifest is the list of passengers, a line each.
func (d *Departures) Manifest(ctx context.Context, flight string) ([]Passenger, error) {
	resp, err := d.get(ctx, "/dcs/flights/"+flight+"/manifest")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var all []Passenger
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		var p Passenger
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("departure control: line %d: %w", len(all)+1, err)
		}
		all = append(all, p)
	}
	return all, lines.Err()
}

// Rules say who may come in.
type Rules struct {
	Cabins   map[string]int
	Statuses map[string]int
}

func (r Rules) admit(p Passenger) (Guest, bool) {
	if p.Infant {
		return Guest{}, false
	}
	g := Guest{Name: tidy(p.Name), Seat: p.Seat, Guests: -1}
	if n, ok := r.Cabins[p.Cabin]; ok {
		g.Why, g.Guests = p.Cabin, n
	}
	if n, ok := r.Statuses[p.Status]; ok && n > g.Guests {
		g.Why, g.Guests = p.Status, n
	}
	return g, g.Guests >= 0
}

func tidy(name string) string {
	last, first, _ := strings.Cut(strings.ToLower(name), "/")
	word := func(s string) string {
		if s == "" {
			return s
		}
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return strings.TrimSpace(word(first) + " " + word(last))
}

type Lounge struct {
	name       string
	seats      int
	rules      Rules
	departures *Departures
}

func (l *Lounge) guests(ctx context.Context, flight string) ([]Guest, error) {
	passengers, err := l.departures.Manifest(ctx, flight)
	if err != nil {
		return nil, err
	}
	list := make([]Guest, 0, len(passengers)/4)
	for _, p := range passengers {
		if g, ok := l.rules.admit(p); ok {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b Guest) int {
		return cmp.Or(-cmp.Compare(a.Guests, b.Guests), strings.Compare(a.Name, b.Name), strings.Compare(a.Seat, b.Seat))
	})
	return list, nil
}

// expected is how many chairs these guests will take; not everybody comes, not everybody brings someone.
func expected(list []Guest) int {
	chairs := 0.0
	for _, g := range list {
		chairs += 0.6 + 0.25*float64(g.Guests)
	}
	return int(chairs + 0.5)
}

func (l *Lounge) Guests(c echo.Context) error {
	flight := strings.ToUpper(c.Param("flight"))
	list, err := l.guests(c.Request().Context(), flight)
	if errors.Is(err, errNoFlight) {
		return echo.NewHTTPError(http.StatusNotFound, err.Error())
	}
	if err != nil {
		return echo.NewHTTPError(http.StatusBadGateway, err.Error())
	}
	chairs := expected(list)
	return c.JSON(http.StatusOK, map[string]any{
		"lounge": l.name, "flight": flight, "guests": list, "chairs": chairs, "full": chairs > l.seats,
	})
}

func (l *Lounge) Rules(c echo.Context) error {
	return c.JSON(http.StatusOK, l.rules)
}

func (l *Lounge) Check(c echo.Context) error {
	var p Passenger
	if err := c.Bind(&p); err != nil {
		return err
	}
	g, ok := l.rules.admit(p)
	if !ok {
		return c.JSON(http.StatusForbidden, map[string]any{"admitted": false})
	}
	return c.JSON(http.StatusOK, map[string]any{"admitted": true, "guest": g})
}

func main() {
	l := &Lounge{
		name:  "Northern Light",
		seats: 90,
		rules: Rules{
			Cabins:   map[string]int{"first": 2, "business": 0},
			Statuses: map[string]int{"gold": 1, "lifetime": 2, "silver": 0},
		},
		departures: &Departures{
			base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
			client: &http.Client{Transport: &http.Transport{
				MaxIdleConnsPerHost:   32,
				ResponseHeaderTimeout: 400 * time.Millisecond,
			}},
		},
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover(), middleware.RequestID())
	e.GET("/flights/:flight/guests", l.Guests)
	e.GET("/rules", l.Rules)
	e.POST("/check", l.Check)
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	e.Logger.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
