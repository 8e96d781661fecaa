"""What every card is made of: spans, lines, bars, controls, and words for numbers and moments."""
