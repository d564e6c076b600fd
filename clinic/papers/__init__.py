"""PDFs: what stands in one, and how it is drawn. Plain Python over fpdf2; no Django."""
