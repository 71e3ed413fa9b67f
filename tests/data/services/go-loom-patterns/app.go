// Weaving patterns: rows of threads, and how often each colour shows.
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"
)

type Thread struct {
	Colour *string
	Left   *Thread
	Note   map[string]int
}

type Loom struct {
	archive []*Thread
	colours []string
}

func (l *Loom) row(width int, left *Thread) *Thread {
	for i := 0; i < width; i++ {
		colour := l.colours[(i*7+width)%len(l.colours)] + "-warp"
		left = &Thread{Colour: &colour, Left: left, Note: map[string]int{colour: i}}
	}
	return left
}

func (l *Loom) weave(rows, width int) map[string]int {
	shown := map[string]int{}
	for r := 0; r < rows; r++ {
		for t := l.row(width, nil); t != nil; t = t.Left {
			shown[*t.Colour]++
		}
	}
	return shown
}

func (l *Loom) pattern(c echo.Context) error {
	return c.JSON(http.StatusOK, l.weave(120, 400))
}

func main() {
	l := &Loom{colours: []string{"red", "gold", "ivory", "teal", "plum"}}
	for i := 0; i < 900; i++ {
		l.archive = append(l.archive, l.row(400, nil))
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/healthz", func(c echo.Context) error { return c.String(200, "ok") })
	e.GET("/patterns/:name", l.pattern)
	log.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
