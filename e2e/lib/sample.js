/** A reply that has in it whatever a model may write. */
export const rich = [
  '# Bread, step by step',
  'You need **flour**, *water*, `salt` and ~~sugar~~ time. See [the long version](https://example.org/bread).',
  '1. Mix the dough.\n2. Let it rest:\n   - 30 minutes at room temperature\n   - or overnight in the fridge\n3. Bake.',
  '- [x] flour bought\n- [ ] oven cleaned',
  '```python\ndef bake(minutes: int) -> str:\n    return f"ready in {minutes} minutes, whatever the weather, the season or the height above the sea"\n```',
  '| Flour | Water | Salt | Temperature of the oven | Minutes in the oven |\n|---|--:|:-:|---|---|\n| 500 g | 350 g | 10 g | 240 °C | forty-five |',
  '> Patience is the best yeast.',
  'שלום, לחם טרי בעוד שעה.',
  'averyveryverylongwordwithoutanyplacetobreakitthathastobebrokenanywaybecausescreensaresmall',
].join('\n\n');
