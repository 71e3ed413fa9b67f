// Concert pages: all that a visitor wants to know about an evening at the hall, on one page.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"golang.org/x/sync/errgroup"
)

type Concert struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Works   []string `json:"works"`
	Seats   int      `json:"seats"`
	Related []string `json:"related"`
}

type Seat struct {
	Row    string  `json:"row"`
	Number int     `json:"number"`
	Price  float64 `json:"price"`
	Taken  bool    `json:"taken"`
}

type Page struct {
	Concert Concert           `json:"concert"`
	Notes   string            `json:"notes"`
	Seats   []Seat            `json:"seats"`
	Around  map[string]string `json:"around"`
}

// Library knows each concert, and which ones are like one another.
type Library struct {
	concerts map[string]Concert
}

var composers = []string{"Bach", "Brahms", "Clara Schumann", "Debussy", "Haydn", "Ligeti", "Mahler", "Ravel", "Saariaho", "Smyth"}

func LoadLibrary(count int) *Library {
	l := &Library{concerts: make(map[string]Concert, count)}
	list := make([]Concert, count)
	for i := range list {
		c := Concert{ID: fmt.Sprintf("c%04d", i), Title: "Evening " + fmt.Sprint(i), Seats: 280 + i%5*28}
		for k := 0; k < 4; k++ {
			c.Works = append(c.Works, fmt.Sprintf("%s op. %d", composers[(i*3+k*7)%len(composers)], 1+(i*k)%90))
		}
		list[i] = c
	}
	for i := range list {
		list[i].Related = related(list, i)
		l.concerts[list[i].ID] = list[i]
	}
	return l
}

func related(all []Concert, self int) []string {
	type like struct {
		id    string
		score int
	}
	var likes []like
	for i := range all {
		score := 0
		for _, a := range all[self].Works {
			for _, b := range all[i].Works {
				if strings.SplitN(a, " op", 2)[0] == strings.SplitN(b, " op", 2)[0] {
					score++
				}
			}
		}
		if i != self && score > 3 {
			likes = append(likes, like{all[i].ID, score})
		}
	}
	sort.Slice(likes, func(i, j int) bool { return likes[i].score > likes[j].score })
	var ids []string
	for _, l := range likes[:min(5, len(likes))] {
		ids = append(ids, l.id)
	}
	return ids
}

// Notes keeps the programme notes that were set lately.
type Notes struct {
	mu     sync.Mutex
	set    map[string]string
	hits   int
	misses int
}

func (n *Notes) For(c Concert) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if text, ok := n.set[c.ID]; ok {
		n.hits++
		return text
	}
	n.misses++
	var b strings.Builder
	for i, w := range c.Works {
		fmt.Fprintf(&b, "<h3>%d. %s</h3>\n<p>%s</p>\n", i+1, w, strings.Repeat("A work for the full orchestra. ", 12))
	}
	n.set[c.ID] = b.String()
	return b.String()
}

func (n *Notes) forget(every time.Duration) {
	for range time.Tick(every) {
		n.mu.Lock()
		clear(n.set)
		n.mu.Unlock()
	}
}

func seatPlan(c Concert, taken map[int]bool) []Seat {
	plan := make([]Seat, 0, c.Seats)
	for i := 0; i < c.Seats; i++ {
		row := i / 28
		plan = append(plan, Seat{Row: string(rune('A' + row)), Number: i%28 + 1, Price: 95 - float64(row)*3.5, Taken: taken[i]})
	}
	return plan
}

type Site struct {
	library *Library
	notes   *Notes
	city    *City
}

func (s *Site) page(ctx context.Context, c Concert) (Page, error) {
	p := Page{Concert: c, Around: map[string]string{}}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	for _, topic := range []string{"weather", "trams", "parking", "dinner"} {
		g.Go(func() error {
			text, err := s.city.Ask(ctx, topic, c.ID)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			p.Around[topic] = text
			return nil
		})
	}
	g.Go(func() error {
		taken, err := s.city.Taken(ctx, c.ID, c.Seats)
		p.Seats = seatPlan(c, taken)
		return err
	})
	p.Notes = s.notes.For(c)
	return p, g.Wait()
}

func (s *Site) concert(c echo.Context) (Concert, error) {
	found, ok := s.library.concerts[c.Param("id")]
	if !ok {
		return found, echo.NewHTTPError(http.StatusNotFound, "no such concert")
	}
	return found, nil
}

func (s *Site) getConcert(c echo.Context) error {
	found, err := s.concert(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, found)
}

func (s *Site) getPage(c echo.Context) error {
	found, err := s.concert(c)
	if err != nil {
		return err
	}
	page, err := s.page(c.Request().Context(), found)
	if err != nil {
		return echo.NewHTTPError(http.StatusBadGateway, err.Error())
	}
	return c.JSON(http.StatusOK, page)
}

func main() {
	site := &Site{library: LoadLibrary(480), notes: &Notes{set: map[string]string{}}, city: NewCity(os.Getenv("UPSTREAM_PORT"))}
	go site.notes.forget(500 * time.Millisecond)
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover())
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	e.GET("/concerts/:id", site.getConcert)
	e.GET("/concerts/:id/page", site.getPage)
	e.Logger.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
