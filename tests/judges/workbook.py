"""What LibreOffice calculates from our workbooks, against the decimals of our reports.

Usage: workbook.py COMO FOLDER.  LibreOffice is taken from the machine, or installed with apt-get where that is allowed.
"""

import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile
from decimal import Decimal

# LibreOffice believes the results that stand in a file unless it is told to calculate them anew.
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
# Every sheet as a CSV file of its own, values as they are calculated and not as they are shown.
SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"


def office():
    """The program's path; installed when it is missing."""
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            return found
    print("LibreOffice is missing; apt-get installs it")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "libreoffice-calc"]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
    return shutil.which("soffice") or sys.exit("LibreOffice cannot be installed")


def sheets(program, workbook, folder):
    """Sheets by name, each a list of rows, after LibreOffice has calculated them."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE)
    out = folder / workbook.stem
    command = [program, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", SHEETS]
    subprocess.run([*command, "--outdir", out, workbook], check=True, capture_output=True, timeout=180)
    found = {}
    for file in sorted(out.glob("*.csv")):
        name = file.stem.removeprefix(f"{workbook.stem}-")
        found[name] = list(csv.reader(file.read_text().splitlines()))
    return found


def without_results(workbook, target):
    """A copy whose formulas have no results, so that none that stands in the file can be taken for a calculated one."""
    formulas = 0
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/worksheets/"):
                data, count = re.subn(rb"(</f>)<v>[^<]*</v>", rb"\1<v>0</v>", data)
                formulas += count
            copy.writestr(name, data)
    if not formulas:
        sys.exit(f"{workbook} has no formulas")
    return formulas


def cents(text):
    """As a spreadsheet's float says it; sums of cents are off by far less than a cent."""
    return Decimal(text).quantize(Decimal("0.01")) if text else None


def check(place, found, expected):
    if found != expected:
        sys.exit(f"{place}: LibreOffice has {found}, the report {expected}")


def compare(report, found):
    """Every line and every total; how many amounts were compared."""
    compared = 0
    summary = {row[0]: row for row in found["Summary"] if row}
    for column, (name, environment) in enumerate(report["environments"].items(), start=1):
        rows = found[name]
        head, body = rows[0], rows[1:]
        exact, rounded = head.index("Exact"), head.index("Rounded")
        lines = [row for row in body if row[0] and row[0] != "total" and row[rounded]]
        check(f"{name}: lines", len(lines), len(environment["lines"]))
        for row, line in zip(lines, environment["lines"]):
            check(f"{name}: {row[0]}", cents(row[rounded]), Decimal(line["amount"]))
            if abs(Decimal(row[exact]) - Decimal(line["exact"])) > Decimal("0.000001"):
                sys.exit(f"{name}: {row[0]}: {row[exact]} is not {line['exact']}")
            compared += 2
        total = Decimal(environment["total"])
        check(f"{name}: total", cents(next(row for row in body if row[0] == "total")[rounded]), total)
        check(f"Summary: {name}", cents(summary["total"][column]), total)
        if "converted_total" in environment:
            converted = summary[f"total in {report['conversion']['currency']}"][column]
            check(f"Summary: {name} converted", cents(converted), Decimal(environment["converted_total"]))
        compared += 2
    for rows in found.values():
        for row in rows:
            if wrong := [cell for cell in row if cell.startswith(("#", "Err:"))]:
                sys.exit(f"a formula has no result: {wrong} in {row}")
    return compared


def main(como, folder):
    folder = pathlib.Path(folder).resolve() / "workbook"
    folder.mkdir(parents=True, exist_ok=True)
    program = office()
    rate = ["--currency", "SGD", "--rate", "1.34", "--rate-date", "2021-11-30"]
    bridge = ["--bridge", "proposal", "--years", "5", "--recovery", "--options"]
    # The proposal has a line at a tie, which only half to even rounds as the proposal did.
    for name, arguments in [("today", [*bridge, *rate]), ("proposal", ["--proposal"])]:
        workbook = folder / f"{name}.xlsx"
        subprocess.run([como, "cost", *arguments, "-o", workbook], check=True, capture_output=True)
        report = subprocess.run([como, "cost", *arguments, "--output", "json"], check=True, capture_output=True)
        copy = folder / f"{name}-empty.xlsx"
        formulas = without_results(workbook, copy)
        compared = compare(json.loads(report.stdout), sheets(program, copy, folder))
        print(f"{name}: {formulas} formulas calculated, {compared} amounts are the same to the cent")


if __name__ == "__main__":
    main(*sys.argv[1:])
