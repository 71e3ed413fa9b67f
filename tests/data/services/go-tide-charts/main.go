// Tide charts for small harbours: gauges are polled, charts are answered from their latest readings.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

type chart struct {
	Harbour string    `json:"harbour"`
	Level   float64   `json:"level"`
	Trend   string    `json:"trend"`
	Next    []float64 `json:"next"`
}

func trend(levels []float64) string {
	switch d := levels[len(levels)-1] - levels[0]; {
	case d > 0.05:
		return "rising"
	case d < -0.05:
		return "falling"
	}
	return "slack"
}

func chartHandler(st *Station) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), 20*time.Second)
		defer cancel()
		levels, err := st.Levels(ctx, c.Param("harbour"))
		if errors.Is(err, errNoGauge) {
			return echo.NewHTTPError(http.StatusNotFound, "no such harbour")
		} else if err != nil {
			return err
		}
		last := levels[len(levels)-1]
		out := chart{Harbour: c.Param("harbour"), Level: last, Trend: trend(levels)}
		for i := 1; i <= 6; i++ {
			out.Next = append(out.Next, last+float64(i)*(last-levels[0])/float64(len(levels)))
		}
		return c.JSON(http.StatusOK, out)
	}
}

func main() {
	st := NewStation(4)
	for i := 0; i < 60; i++ {
		st.Add(fmt.Sprintf("gauge-%02d", i))
	}
	st.Add("whitby")
	st.Add("newlyn")
	for i := 0; i < 8; i++ {
		go st.calibrate(i, 8)
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover(), middleware.RequestID())
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	e.GET("/charts/:harbour", chartHandler(st))
	log.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
