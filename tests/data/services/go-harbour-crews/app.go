// Crew changes: a ship's crew list and whether everyone's papers are in order.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

type Sailor struct {
	Book string `json:"book"`
	Name string `json:"name"`
	Rank string `json:"rank"`
}

type Papers struct {
	Book    string   `json:"book"`
	Valid   bool     `json:"valid"`
	Medical string   `json:"medical"`
	Visas   []string `json:"visas"`
}

type Line struct {
	Sailor
	Ready bool     `json:"ready"`
	Notes []string `json:"notes,omitempty"`
}

type Registry struct {
	base string
	http *http.Client
}

func (r *Registry) Papers(ctx context.Context, book string) (*Papers, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/books/"+book, nil)
	if err != nil {
		return nil, err
	}
	res, err := r.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("book %s: %s", book, res.Status)
	}
	var p Papers
	return &p, json.NewDecoder(res.Body).Decode(&p)
}

type Agency struct {
	registry *Registry
	ships    map[string][]Sailor
	needed   map[string]string
}

func (a *Agency) judge(s Sailor, p *Papers, port string) Line {
	line := Line{Sailor: s}
	if !p.Valid {
		line.Notes = append(line.Notes, "the book has run out")
	}
	if p.Medical < "2024-06" {
		line.Notes = append(line.Notes, "medical of "+p.Medical)
	}
	visa := a.needed[port]
	has := visa == ""
	for _, v := range p.Visas {
		has = has || v == visa
	}
	if !has {
		line.Notes = append(line.Notes, "no visa for "+visa)
	}
	line.Ready = len(line.Notes) == 0
	return line
}

// Clearance says who of a ship's crew may go ashore or join in the port.
func (a *Agency) Clearance(ctx context.Context, ship, port string) ([]Line, error) {
	lines := make([]Line, 0, len(a.ships[ship]))
	for _, s := range a.ships[ship] {
		p, err := a.registry.Papers(ctx, s.Book)
		if err != nil {
			return nil, err
		}
		lines = append(lines, a.judge(s, p, port))
	}
	return lines, nil
}

func (a *Agency) clearance(c echo.Context) error {
	ship := c.Param("ship")
	if _, ok := a.ships[ship]; !ok {
		return echo.ErrNotFound
	}
	lines, err := a.Clearance(c.Request().Context(), ship, c.QueryParam("port"))
	if err != nil {
		log.Print(err)
		return echo.NewHTTPError(http.StatusBadGateway, "registry")
	}
	ready := 0
	for _, l := range lines {
		if l.Ready {
			ready++
		}
	}
	return c.JSON(http.StatusOK, echo.Map{"ship": ship, "crew": lines, "ready": ready})
}

func (a *Agency) crew(c echo.Context) error {
	list, ok := a.ships[c.Param("ship")]
	if !ok {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, list)
}

func newAgency(r *Registry) *Agency {
	a := &Agency{registry: r, ships: map[string][]Sailor{}, needed: map[string]string{"antwerp": "EU", "durban": "ZA", "santos": "BR"}}
	ranks := []string{"master", "mate", "engineer", "bosun", "cook", "seaman"}
	for ship, size := range map[string]int{"astrid": 11, "meridian": 14, "petrel": 6} {
		for i := 0; i < size; i++ {
			a.ships[ship] = append(a.ships[ship], Sailor{Book: fmt.Sprintf("%s%03d", ship[:1], 100+i*7), Name: fmt.Sprintf("Sailor %d", i+1), Rank: ranks[min(i, 5)]})
		}
	}
	return a
}

func main() {
	a := newAgency(&Registry{
		base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		http: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	})
	e := echo.New()
	e.HideBanner = true
	e.Use(middleware.Recover())
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	e.GET("/ships/:ship/crew", a.crew)
	e.GET("/ships/:ship/clearance", a.clearance)
	log.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
