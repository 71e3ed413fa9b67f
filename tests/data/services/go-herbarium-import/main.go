// Herbarium import: takes the specimen sheets that a museum sends and checks, cleans and files them.
package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

type Specimen struct {
	Sheet     string   `json:"sheet" validate:"required,alphanum,max=16"`
	Taxon     string   `json:"taxon" validate:"required,min=3"`
	Collector string   `json:"collector" validate:"required"`
	Mail      string   `json:"mail" validate:"omitempty,email"`
	Collected string   `json:"collected" validate:"required"`
	Latitude  string   `json:"latitude" validate:"required,latitude"`
	Longitude string   `json:"longitude" validate:"required,longitude"`
	Altitude  string   `json:"altitude"`
	Country   string   `json:"country" validate:"len=2,uppercase"`
	Remarks   string   `json:"remarks"`
	Keywords  []string `json:"keywords" validate:"max=8,dive,min=2"`
}

type collection struct {
	stages []stage
	stock  map[string]json.RawMessage
}

func (c *collection) accept(in []Specimen) ([]Record, []string) {
	out := make([]Record, 0, len(in))
	var refused []string
next:
	for i := range in {
		rec := Record{Specimen: in[i]}
		for _, s := range c.stages {
			if err := s(&rec); err != nil {
				refused = append(refused, rec.Sheet+": "+err.Error())
				continue next
			}
		}
		out = append(out, rec)
	}
	return out, refused
}

func (c *collection) postImport(ctx echo.Context) error {
	raw, ok := c.stock[ctx.Param("museum")]
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound, errors.New("no such museum"))
	}
	var in []Specimen
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	records, refused := c.accept(in)
	return ctx.JSON(http.StatusOK, map[string]any{"records": records, "refused": refused})
}

func main() {
	c := &collection{stages: stages(), stock: map[string]json.RawMessage{"wien": delivered("W", 1500), "praha": delivered("PR", 900)}}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover(), middleware.RequestID())
	e.GET("/healthz", func(ctx echo.Context) error { return ctx.String(http.StatusOK, "ok") })
	e.POST("/museums/:museum/imports", c.postImport)
	e.GET("/debug/pprof/*", echo.WrapHandler(http.DefaultServeMux))
	log.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
