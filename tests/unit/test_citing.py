"""How pages cite clauses."""

from __future__ import annotations

from datetime import date

from engine.core.language.plan import Clause
from web.catalogues import Titles
from zhiben.citing import cited


def clause(cites: str) -> Clause:
    return Clause(title="题", cites=cites, certainty="verified", since=date(2024, 1, 1).isoformat())


def test_a_clause_of_the_plan_is_cited_by_the_plan_and_one_of_the_law_by_the_law():
    told = cited(
        {
            "p.1": clause("二(五)10"),
            "l.41": clause("《安全生产法》第四十一条"),
            "r.54": clause("国办发〔2024〕54号《意见》"),
        }
    )

    assert told == {"p.1": "方案二(五)10", "l.41": "《安全生产法》第四十一条", "r.54": "国办发〔2024〕54号《意见》"}


def test_a_clause_that_nobody_describes_is_told_by_its_id():
    assert Titles(clauses={"p.1": "方案二(五)10"}).basis(("p.1", "p.2")) == ("方案二(五)10", "p.2")
