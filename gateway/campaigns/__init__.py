"""Campaigns: what is shown and sent, letters to representatives, pledges, appeals, and what came of them."""
