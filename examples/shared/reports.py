from email.message import EmailMessage
from pathlib import Path

SALES = {"monthly": [310, 295, 402], "yearly": [3120, 3874]}


def total(report_type: str) -> int:
    return sum(SALES[report_type])


def as_pdf(line: str) -> bytes:
    text = f"BT /F1 24 Tf 72 720 Td ({line}) Tj ET"
    font = "<</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>"
    page = f"/MediaBox [0 0 612 792] /Contents 4 0 R /Resources <</Font {font}>>"
    objects = [
        "<</Type /Catalog /Pages 2 0 R>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        f"<</Type /Page /Parent 2 0 R {page}>>",
        f"<</Length {len(text)}>> stream\n{text}\nendstream",
    ]
    body = "".join(f"{n} 0 obj {each} endobj\n" for n, each in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer <</Root 1 0 R>>\n%%EOF".encode()


def mail(user_id: int, pdf: bytes) -> None:
    letter = EmailMessage()
    letter["To"] = f"user-{user_id}@example.com"
    letter["Subject"] = "Your report"
    letter.set_content("Here it is.")
    letter.add_attachment(pdf, "application", "pdf", filename="report.pdf")
    Path(f"mail-{user_id}.eml").write_bytes(bytes(letter))
    names = [part.get_filename() for part in letter.iter_attachments()]
    print(f"mail to {letter['To']} with {', '.join(map(str, names))}")
