// A bare Ink screen that fills its terminal and shows the time: what Node, React and Ink cost without a console.
import {render, Text, useWindowSize} from 'ink';
import {createElement, useEffect, useState} from 'react';

function Screen() {
  const {columns, rows} = useWindowSize();
  const [at, setAt] = useState(() => new Date().toISOString());
  useEffect(() => {
    const timer = setInterval(() => setAt(new Date().toISOString()), 1000);
    return () => clearInterval(timer);
  }, []);
  const lines = Array.from({length: rows - 2}, (_, i) => `line ${i} `.padEnd(columns - 1, '.'));
  return createElement(Text, null, [`bare Ink ${at}`, ...lines].join('\n'));
}

render(createElement(Screen), {alternateScreen: true, incrementalRendering: true});
