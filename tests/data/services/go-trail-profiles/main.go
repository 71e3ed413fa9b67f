// Hiking trails: regions, their trails, and how long and steep these are.
package main

import (
	"fmt"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"os/signal"
	"sort"
	"strconv"
	"syscall"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

type Trail struct {
	Region string `json:"region"`
	Number int    `json:"number"`
	Name   string `json:"name"`
	Marked string `json:"marked"`
}

type Entry struct {
	Trail
	Km    float64 `json:"km"`
	Up    float64 `json:"up"`
	Down  float64 `json:"down"`
	Hours float64 `json:"hours"`
	Grade string  `json:"grade"`
}

type guide struct {
	regions  map[string][]Trail
	profiles *Profiles
}

func grade(up, hours float64) string {
	switch {
	case up > 1100 || hours > 8:
		return "hard"
	case up > 500 || hours > 4:
		return "medium"
	}
	return "easy"
}

func (g *guide) entry(t Trail) (Entry, error) {
	p, err := g.profiles.Of(t)
	if err != nil {
		return Entry{}, err
	}
	up, down := p.Climb()
	e := Entry{Trail: t, Km: math.Round(p.Length()/100) / 10, Up: math.Round(up), Down: math.Round(down)}
	e.Hours = math.Round(p.Hours()*4) / 4
	e.Grade = grade(up, e.Hours)
	return e, nil
}

func (g *guide) region(c echo.Context) ([]Trail, error) {
	trails, ok := g.regions[c.Param("region")]
	if !ok {
		return nil, echo.ErrNotFound
	}
	return trails, nil
}

// overview lists the trails of a region from the shortest to the longest.
func (g *guide) overview(c echo.Context) error {
	trails, err := g.region(c)
	if err != nil {
		return err
	}
	entries := make([]Entry, 0, len(trails))
	for _, t := range trails {
		e, err := g.entry(t)
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].Hours < entries[j].Hours })
	return c.JSON(http.StatusOK, entries)
}

func (g *guide) profile(c echo.Context) error {
	trails, err := g.region(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("number"))
	if err != nil || n < 1 || n > len(trails) {
		return echo.ErrNotFound
	}
	p, err := g.profiles.Of(trails[n-1])
	if err != nil {
		return err
	}
	every := max(1, len(p)/200)
	thinned := make(Profile, 0, 201)
	for i := 0; i < len(p); i += every {
		thinned = append(thinned, p[i])
	}
	return c.JSON(http.StatusOK, thinned)
}

func (g *guide) list(c echo.Context) error {
	counts := make(map[string]int)
	for name, trails := range g.regions {
		counts[name] = len(trails)
	}
	return c.JSON(http.StatusOK, counts)
}

func survey(a Archive) (map[string][]Trail, error) {
	regions := make(map[string][]Trail)
	for k, size := range map[string]int{"karwendel": 72, "rhoen": 24, "zillertal": 56} {
		for n := 1; n <= size; n++ {
			t := Trail{Region: k, Number: n, Name: fmt.Sprintf("%s trail %d", k, n), Marked: []string{"red", "blue", "black"}[n%3]}
			if err := a.Survey(k+"-"+strconv.Itoa(n), int64(n*len(k)), 3000+n%7*200); err != nil {
				return nil, err
			}
			regions[k] = append(regions[k], t)
		}
	}
	return regions, nil
}

func main() {
	dir, err := os.MkdirTemp("", "trails-")
	if err != nil {
		log.Fatal(err)
	}
	archive := Archive{dir: dir}
	regions, err := survey(archive)
	if err != nil {
		log.Fatal(err)
	}
	g := &guide{regions: regions, profiles: NewProfiles(archive, 64)}

	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover())
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	e.GET("/regions", g.list)
	e.GET("/regions/:region/trails", g.overview)
	e.GET("/regions/:region/trails/:number/profile", g.profile)
	e.GET("/debug/pprof/*", echo.WrapHandler(http.DefaultServeMux))

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		_ = os.RemoveAll(dir)
		os.Exit(0)
	}()
	log.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
