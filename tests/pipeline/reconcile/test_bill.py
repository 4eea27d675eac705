"""A provider's bill as it may come: other headers, other separators, odd amounts."""

from pathlib import Path

import pytest

from generations.pipeline.reconcile import Bill, UnreadableBill, read_bill

ONE = "4b0c1f0e-0000-4000-8000-00000000000a"


def bill(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Bill:
    path = tmp_path / "bill.csv"
    path.write_text(text, encoding=encoding)
    return read_bill(path)


@pytest.mark.parametrize(
    "text",
    [
        f"request_id,amount\n{ONE},0.04\n",
        f"Attempt ID;Cost (USD)\r\n{ONE.upper()};$0.04\r\n",
        f"id\tUSD\n{ONE.replace('-', '')}\t0.04 USD\n",
        f"day,X-Request-Id,model,Charge,Currency\n2026-01-02,{ONE},openai/x,USD 0.040,usd\n\n",
        f'"Request","Amount"\n"{ONE}","0.03"\n"{ONE}",".01"\n',
        f"total,cost_usd,attempt\n9,0.04,{ONE}\n",
    ],
)
def test_one_charge_however_it_is_written(tmp_path: Path, text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        found = bill(tmp_path, text, encoding=encoding)
        assert (found.charges, found.unread_lines) == ({ONE: 40_000}, [])


def test_refund_takes_its_charge_back(tmp_path: Path) -> None:
    found = bill(tmp_path, 'request_id,amount\nreq_1,0.04\nreq_1,-0.04\nreq_2,"1,204.50"\n')
    assert found.charges == {"req_1": 0, "req_2": 1_204_500_000}


def test_line_with_both_ids_is_found_by_either(tmp_path: Path) -> None:
    found = bill(tmp_path, f"client_request_id,request_id,amount\n{ONE},req_1,0.04\n")
    assert found.charges == {ONE: 40_000, "req_1": 40_000}


@pytest.mark.parametrize(
    "amount",
    ["", "free", "0,04", "1,204", "0.04 EUR", "1e3", "NaN", "--1", "999999999", "0.04.1", "٤"],
)
def test_amount_that_could_be_misread_is_noted_by_line(tmp_path: Path, amount: str) -> None:
    found = bill(tmp_path, f'request_id,amount\nreq_1,"{amount}"\nreq_2,0.04\n')
    assert (found.charges, found.unread_lines) == ({"req_2": 40_000}, [2])


def test_other_currency_and_missing_id_are_noted(tmp_path: Path) -> None:
    found = bill(tmp_path, "request_id,amount,currency\nreq_1,0.04,EUR\n,0.04,USD\nshort\n")
    assert (found.charges, found.unread_lines) == ({}, [2, 3, 4])


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "request_id,tokens\nreq_1,5\n", "amount\n1\n"])
def test_file_that_is_no_bill_says_what_it_needs(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableBill, match="must name a column"):
        bill(tmp_path, text)


def test_file_that_is_no_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(b"request_id,amount\n\xff\xfe,1\n")
    for each in (path, tmp_path / "missing.csv"):
        with pytest.raises(UnreadableBill, match="can't be read"):
            read_bill(each)
