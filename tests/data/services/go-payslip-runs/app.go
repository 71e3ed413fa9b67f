// Payslips: takes the month's times as a clock exports them and prepares the payslips of a branch.
package main

import (
	"log"
	"net/http"
	"net/http/pprof"
	"os"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

type Server struct {
	payroll *Payroll
}

func (s *Server) run(c echo.Context) error {
	month, err := time.Parse("2006-01", c.Param("month"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, "no such month")
	}
	branch := s.payroll.branches[c.Param("branch")]
	if branch == nil {
		return echo.ErrNotFound
	}
	slips, problems := s.payroll.Prepare(branch, month)
	return c.JSON(http.StatusOK, map[string]any{"branch": branch.Name, "slips": slips, "problems": problems, "totals": totals(slips)})
}

func (s *Server) staff(c echo.Context) error {
	branch := s.payroll.branches[c.Param("branch")]
	if branch == nil {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, branch.Staff)
}

func (s *Server) employee(c echo.Context) error {
	number, _ := strconv.Atoi(c.Param("number"))
	for _, b := range s.payroll.branches {
		for _, e := range b.Staff {
			if e.Number == number {
				return c.JSON(http.StatusOK, e)
			}
		}
	}
	return echo.ErrNotFound
}

func main() {
	s := &Server{payroll: newPayroll()}
	e := echo.New()
	e.HideBanner = true
	e.Use(middleware.Recover(), middleware.RequestID(), middleware.Secure())
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	e.GET("/branches/:branch/staff", s.staff)
	e.GET("/branches/:branch/runs/:month", s.run, middleware.Gzip())
	e.GET("/staff/:number", s.employee)
	e.GET("/debug/pprof/*", echo.WrapHandler(http.HandlerFunc(pprof.Index)))
	e.GET("/debug/pprof/profile", echo.WrapHandler(http.HandlerFunc(pprof.Profile)))
	log.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
