// Sums of bird counts, kept per day and read under a lock.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"

	"github.com/labstack/echo/v4"
)

type Counts struct {
	mu   sync.Mutex
	days [][]int
}

func (c *Counts) sum(day int) (total int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.days[day%len(c.days)] {
		total += n
	}
	return total
}

func main() {
	c := &Counts{}
	for d := 0; d < 30; d++ {
		day := make([]int, 20000)
		for i := range day {
			day[i] = (i * 31) % 17
		}
		c.days = append(c.days, day)
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/healthz", func(x echo.Context) error { return x.String(200, "ok") })
	e.GET("/debug/pprof/*", echo.WrapHandler(http.DefaultServeMux))
	e.GET("/sums/:day", func(x echo.Context) error {
		var day int
		fmt.Sscan(x.Param("day"), &day)
		out := map[string]int{}
		for i := 0; i < 10; i++ {
			out[fmt.Sprint("day", day+i)] = c.sum(day + i)
		}
		text, _ := json.Marshal(out)
		return x.JSONBlob(200, text)
	})
	e.Start("127.0.0.1:" + os.Getenv("PORT"))
}
