"""What customers have ordered."""

from typing import Any

import payments
from database import Order, OrderItem
from settings import fault
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload


def orders_of(session: Session, customer_id: int) -> list[Order]:
    """Return a customer's orders, the newest first."""
    query = select(Order).where(Order.customer_id == customer_id).order_by(Order.placed_at.desc())
    if not fault("n_plus_one"):
        query = query.options(selectinload(Order.items).joinedload(OrderItem.product))
    return list(session.scalars(query))


def summary(order: Order) -> dict[str, Any]:
    """Return an order as the account page shows it."""
    lines = [
        {"product": item.product.name, "quantity": item.quantity, "cents": item.price_cents}
        for item in order.items
    ]
    total = sum(line["quantity"] * line["cents"] for line in lines)
    return {
        "order": order.id,
        "placed": order.placed_at.isoformat(),
        "total": total,
        "lines": lines,
    }


def with_payment(session: Session, order_id: int) -> dict[str, Any] | None:
    """Return an order and what the payment service says about it."""
    query = (
        select(Order)
        .where(Order.id == order_id)
        .options(joinedload(Order.items).joinedload(OrderItem.product))
    )
    order = session.scalars(query).unique().one_or_none()
    if order is None:
        return None
    answer = summary(order)
    number = order.payment
    if not fault("small_pool"):
        session.close()  # gives the connection back before the call to the other service
    return answer | {"payment": payments.state(number)}
